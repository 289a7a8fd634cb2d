"""Chapter 5: a simulator, a baseline and a score for each application."""
