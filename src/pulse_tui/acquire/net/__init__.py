"""What a fetch is made of: addresses, connections, proxies, packing and character sets."""
