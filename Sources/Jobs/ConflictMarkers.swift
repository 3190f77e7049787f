import Diagnostics
import Glibc

extension Diagnostic.Code {
    /// What a merge with conflicts left in a file.
    static let conflictMarkers = Self(rawValue: "conflict-markers")
}

extension Diagnostic {
    /// The finding that a merge left its conflict in a file: lines that begin with `<<<<<<< `, `=======` and `>>>>>>> `, in
    /// this order.
    ///
    /// - Parameters:
    ///   - text: The whole file.
    ///   - path: The path, as it is shown to the user.
    /// - Returns: The error at the first of them; nil where there are none.
    static func conflict(in text: String, path: String) -> Diagnostic? {
        // Few texts have the first.
        guard text.withCString({ strstr($0, "<<<<<<< ") != nil }) else { return nil }
        var first: Int?
        var isDivided = false
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.starts(with: "<<<<<<< ".utf8) {
                (first, isDivided) = (index, false)
            } else if first != nil, line.elementsEqual("=======".utf8) || line.elementsEqual("=======\r".utf8)
            {
                isDivided = true
            } else if let first, isDivided, line.starts(with: ">>>>>>> ".utf8) {
                return .error(
                    .conflictMarkers, "a merge left its conflict here",
                    at: SourceLocation(file: path, line: first + 1, column: 1), length: 7,
                    help: "resolve it; to show such lines to a model, indent them")
            }
        }
        return nil
    }
}
