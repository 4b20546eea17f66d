"""The fault drill: the whole service under a steady stream of mailings, while one part after the other breaks."""
