"""What decides points: the sandbox, a submission, hidden cases, nbgrader."""
