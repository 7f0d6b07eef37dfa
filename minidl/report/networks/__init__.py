"""Networks and points again, from a store, without a picture: the floor of all pictures of them."""
