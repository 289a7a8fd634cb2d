"""Chapter 8: training in several processes."""
