"""An app of the tests only: jobs that a child process must be able to find (see tests/kit/test_isolation.py)."""
