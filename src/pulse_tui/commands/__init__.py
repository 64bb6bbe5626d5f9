"""The commands: data to standard output, talk to standard error, the status as `Exit` has it."""
