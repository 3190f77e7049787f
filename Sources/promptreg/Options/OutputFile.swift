import ArgumentParsing

/// The file that a command writes a text to in place of the standard output.
struct OutputFile: Hashable, Sendable {
    /// The path; nil for the standard output.
    var path: String?
    /// Whether a file that is there is replaced.
    var replaces = false

    static let options = [
        Option(
            Flag(
                "output", short: "o", value: .file("FILE"),
                help: "Write to a file in place of the standard output"), \OutputFile.path),
        Option(Flag("force", help: "Replace the file of --output if it exists"), \OutputFile.replaces),
    ]

    private var replaceable: ReplaceableFile { replaces ? .anything : .nothing }

    /// Makes sure, before anything is done, that the file can be written.
    ///
    /// - Throws: `CommandFailure`.
    func check() throws(CommandFailure) {
        guard let path else { return }
        try WholeFile.checkWritable(
            path, for: "--output", replacing: replaceable,
            remedy: "name another file, or pass --force to replace this one")
    }

    /// Writes the text.
    ///
    /// - Throws: `CommandFailure`.
    func write(_ text: String, _ console: Console) throws(CommandFailure) {
        try console.write(text, to: path, replacing: replaceable)
    }
}
