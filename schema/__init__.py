"""What clients see: types, inputs, enums and roots, in the words of SDL."""
