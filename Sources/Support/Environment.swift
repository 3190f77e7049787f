extension [String: String] {
    /// The value of an environment variable.
    ///
    /// - Parameter name: The variable's name.
    /// - Returns: The value; nil where it is not set, or empty.
    package func variable(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }
}
