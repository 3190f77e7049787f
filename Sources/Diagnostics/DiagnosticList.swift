/// Findings about the user's input, with the texts that they point into.
package struct DiagnosticList: Sendable, Error {
    /// The findings, in the order in which they were added.
    package private(set) var diagnostics: [Diagnostic] = []
    /// The texts of the files that findings may point into, by the path shown to the user.
    package private(set) var sources: [String: String] = [:]

    /// An empty list.
    package init() {}

    /// Whether any finding makes the input unusable.
    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// The same list with errors only.
    package var withoutWarnings: DiagnosticList { filter { $0.severity == .error } }

    /// How many findings have a severity.
    package func count(_ severity: Diagnostic.Severity) -> Int {
        diagnostics.count { $0.severity == severity }
    }

    /// The same list with some of the findings only.
    package func filter(_ isKept: (Diagnostic) -> Bool) -> DiagnosticList {
        var list = self
        list.diagnostics.removeAll { !isKept($0) }
        return list
    }

    /// Adds a finding.
    package mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    /// Adds findings.
    package mutating func add(contentsOf others: some Sequence<Diagnostic>) {
        diagnostics.append(contentsOf: others)
    }

    /// Adds the findings of another list that this one does not have, and its sources.
    package mutating func mergeNew(_ other: DiagnosticList) {
        let known = Set(diagnostics)
        merge(other.filter { !known.contains($0) })
    }

    /// Adds the findings and sources of another list.
    package mutating func merge(_ other: DiagnosticList) {
        diagnostics.append(contentsOf: other.diagnostics)
        sources.merge(other.sources) { kept, _ in kept }
    }

    /// Keeps one of findings that are equal, as a setting that several prompts share leads to several times.
    package mutating func removeRepeats() {
        var known: Set<Diagnostic> = []
        diagnostics.removeAll { !known.insert($0).inserted }
    }

    /// Keeps the text of a file, so that findings in it can show their line.
    package mutating func addSource(_ text: String, path: String) { sources[path] = text }

    /// The findings: errors, then warnings, then notes; each by file and place, those about no place first.
    package var sorted: [Diagnostic] {
        Diagnostic.Severity.allCases.flatMap { severity in
            Self.sortedByPlace(diagnostics.filter { $0.severity == severity })
        }
    }

    private static func sortedByPlace(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        diagnostics.enumerated().sorted { left, right in
            switch (left.element.location, right.element.location) {
            case (let one?, let other?) where one != other: one < other
            case (nil, .some): true
            case (.some, nil): false
            default: left.offset < right.offset
            }
        }.map(\.element)
    }
}
