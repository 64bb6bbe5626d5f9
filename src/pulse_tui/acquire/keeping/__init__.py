"""Features into the reader's own folder, never over what its owner edited."""
