extension String {
    /// The text without surrounding white space.
    package func trimmed(leading: Bool = true) -> String {
        var scalars = unicodeScalars[...]
        while leading, let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }
}
