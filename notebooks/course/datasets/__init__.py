"""What is loaded or drawn, with its split."""
