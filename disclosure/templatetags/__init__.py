"""How templates of disclosure write numbers of charts."""
