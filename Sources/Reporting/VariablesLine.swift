import Support

/// The variables that a new template has more or less than an old one, on a line.
struct VariablesLine {
    /// Those that the new template alone has.
    let added: [String]
    /// Those that the old template alone has.
    let removed: [String]

    /// The line, such as `variables: +region -zone`; nil when there are none.
    func text(_ style: ANSIStyle) -> String? {
        let changes =
            added.map { style("+" + $0.escapedForTerminal, .green) }
            + removed.map { style("-" + $0.escapedForTerminal, .red) }
        return changes.isEmpty ? nil : "variables: " + changes.joined(separator: " ")
    }
}
