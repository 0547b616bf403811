"""Tests of the whole stack as it runs; a package, so that some share one stack and it ends with the last of them."""
