"""Records, policies, feed and ad rules: pure functions over plain values, no I/O."""
