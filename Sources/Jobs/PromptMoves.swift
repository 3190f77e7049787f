import Diagnostics
import Support
import YAML

extension Diagnostic.Code {
    /// An entry of `moved` that cannot be followed.
    static let badMove = Self(rawValue: "bad-move")
    /// An old name of `moved` that the registry has not.
    static let unknownOldName = Self(rawValue: "unknown-old-name")
}

/// The old names of a job's prompts, as its `moved` tells them.
struct PromptMoves {
    private var entries: [String: YAMLEntry] = [:]
    /// What is wrong with them: those that lead nowhere, or from a prompt of the job.
    private(set) var diagnostics: [Diagnostic] = []

    /// Reads the moves of a job or a target.
    ///
    /// - Parameters:
    ///   - moved: The mapping of old names to new ones; nil where there is none.
    ///   - names: The names of the job's prompts.
    init(_ moved: YAMLNode?, names: [String]) {
        var hints = NameHints()
        let known = Set(names)
        for entry in moved?.entries ?? [] {
            guard let name = entry.value.text else { continue }
            if !known.contains(name) {
                let turned = "an entry is OLD: NEW; did you mean '\(name): \(entry.key)'?"
                let hint = known.contains(entry.key) ? turned : hints.didYouMean(name, in: names)
                diagnostics.append(
                    entry.value.error(.badMove, "the job has no prompt '\(name)'", help: hint))
            } else if known.contains(entry.key) {
                diagnostics.append(entry.keyError(.badMove, "'\(entry.key)' is a prompt of the job still"))
            } else if let other = entries.updateValue(entry, forKey: name) {
                diagnostics.append(entry.keyError(.badMove, "'\(other.key)' became '\(name)' already"))
            }
        }
    }

    /// The name that a prompt had before; nil where it always had this one.
    func oldName(of name: String) -> String? { entries[name]?.key }

    /// What to warn of where the registry has no prompt of the old name and none of the new one.
    func unknownOldName(of name: String) -> Diagnostic? {
        entries[name].map { entry in
            entry.keyWarning(
                .unknownOldName,
                "moved: '\(entry.key)' is not in the registry; '\(name)' is created as a new prompt",
                help: "check the old name")
        }
    }
}
