"""A plugin that `make deep` loads: properties are tried with many more examples, and no deadline."""

from hypothesis import settings

settings.register_profile("deep", max_examples=20_000, deadline=None)
settings.load_profile("deep")
