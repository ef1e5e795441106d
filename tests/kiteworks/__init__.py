"""A strict simulator of the documented Kiteworks API over real HTTP, which also misbehaves when told to."""
