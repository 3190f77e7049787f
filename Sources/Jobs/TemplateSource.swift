import Diagnostics
import Support
import Templates
import YAML

/// A template file that was read, before its variables are looked for.
struct TemplateSource {
    /// The path, as it is shown to the user.
    let path: String
    /// The whole text.
    let raw: String
    /// What the file says of its own prompt; nil where it says nothing.
    private(set) var settings: YAMLNode?
    /// What is wrong with the settings.
    private(set) var diagnostics: [Diagnostic] = []
    /// The offset of the prompt's text in the file.
    private var start = 0
    /// The line that the prompt's text begins on.
    private(set) var line = 1

    private static let chatEndings = [".chat.yaml", ".chat.yml", ".chat.json"]

    /// Reads what a file says besides its prompt.
    ///
    /// - Parameters:
    ///   - raw: The whole text.
    ///   - path: The path, as it is shown to the user; its ending marks a chat prompt.
    ///   - frontMatter: What happens to its front matter.
    init(_ raw: String, path: String, frontMatter: FrontMatterMode) {
        self.path = path
        self.raw = raw
        if isChat || frontMatter == .keep || !raw.utf8.mayHaveFrontMatter { return }
        guard let header = FrontMatter(of: Array(raw.utf8), path: path) else { return }
        (start, line) = (header.end, header.endLine)
        if frontMatter == .drop { return }
        diagnostics = header.diagnostics.map(Self.explained)
        if let root = header.root, diagnostics.isEmpty {
            let found = FileSettings(of: root)
            diagnostics += found.diagnostics
            settings = found.node(at: root.location)
        }
    }

    /// Whether the file is a list of messages.
    var isChat: Bool { Self.isChat(path) }

    /// Whether a file is a list of messages, by its ending.
    static func isChat(_ path: String) -> Bool { chatEndings.contains(where: path.hasSuffix) }

    /// The bytes of the prompt's text.
    var bytes: Substring.UTF8View { raw.utf8.dropFirst(start) }

    private static func explained(_ diagnostic: Diagnostic) -> Diagnostic {
        var diagnostic = diagnostic
        let way = "front_matter: keep registers it as it stands, drop leaves it out"
        diagnostic.help = diagnostic.help.map { "\($0); \(way)" } ?? way
        return diagnostic
    }
}

extension String.UTF8View {
    /// Whether a text begins like front matter; a byte order mark may come first.
    fileprivate var mayHaveFrontMatter: Bool {
        starts(with: "---".utf8) || starts(with: "\u{FEFF}---".utf8)
    }
}
