"""The maps, diagrams and drawings of the bundled features, drawn with nothing but Pillow.

Every picture is drawn at three times its size and then reduced, in the letters of Pillow's own typeface,
so that the same Pillow always gives the same files.
"""
