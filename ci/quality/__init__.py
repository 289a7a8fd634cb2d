"""What a chapter and its checks owe."""
