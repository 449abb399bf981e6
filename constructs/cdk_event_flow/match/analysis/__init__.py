"""What can be said of patterns without an event: whether two overlap, whether one covers the other, an event that matches."""
