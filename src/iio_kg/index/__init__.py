"""From passages and claims to vectors and words that can be searched."""
