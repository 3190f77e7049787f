import Prompts
import Support

/// How text is written for a terminal.
package struct TextStyle: Sendable {
    /// The looks in use.
    enum Look: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    /// Whether to use ANSI colours.
    let isColored: Bool
    /// Whether to list everything, however long it is.
    let isVerbose: Bool
    /// The present, in milliseconds since 1970, from which ages count.
    let now: Int

    /// A style.
    ///
    /// - Parameters:
    ///   - color: Whether to use ANSI colours.
    ///   - verbose: Whether to list everything, however long it is.
    ///   - now: The present, in milliseconds since 1970.
    package init(color: Bool, verbose: Bool = false, now: Int = 0) {
        isColored = color
        isVerbose = verbose
        self.now = now
    }

    /// A text, without control characters, in a look; nil is plain.
    func callAsFunction(_ text: String, _ look: Look?) -> String {
        guard isColored, let look, !text.isEmpty else { return text }
        return "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m"
    }

    /// The first line of a report, such as `health_monitor → file:/srv/mlruns  (target local)`.
    func header(
        _ title: String, _ registry: RegistryLocation, target: String? = nil, isElsewhere: Bool = false
    ) -> String {
        let rest = isElsewhere ? ", with another registry" : ""
        let target = target.map { self("  (target \($0.escapedForTerminal)\(rest))", .dim) } ?? ""
        return self(title.escapedForTerminal, .bold)
            + " → \(registry.description.escapedForTerminal)\(target)"
    }

    /// What to do about an error or a finding.
    func help(_ hint: String?) -> [String] {
        hint.map { ["    \(self("help:", .cyan)) \($0.escapedForTerminal)"] } ?? []
    }
}

extension Sequence<[String]> {
    /// Blocks of lines with an empty line between them.
    var text: String {
        filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
            .withoutWorkflowCommands
    }
}
