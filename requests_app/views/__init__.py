"""Pages: get an object through a selector, bind a form, call one service, redirect."""
