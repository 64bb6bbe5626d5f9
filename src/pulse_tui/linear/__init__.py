"""The reader in plain lines: for screen readers, terminals without a screen, serial lines and pipes."""
