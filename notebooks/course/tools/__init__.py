"""Chapter 6: the tools compared."""
