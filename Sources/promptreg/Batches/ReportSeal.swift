import Prompts

/// The last line of a report in Markdown, HTML or XML: a comment that nobody is shown. It tells whether somebody has changed
/// the report since, or has added to it, so that it is not replaced.
enum ReportSeal {
    private static let start = "<!-- promptreg "
    private static let end = " -->\n"

    /// A report with its seal.
    static func sealed(_ report: String) -> String {
        "\(report)\n\(start)\(ShortDigest.of([report]))\(end)"
    }

    /// Whether a file holds a report as it was written.
    static func isUnbroken(of text: String) -> Bool {
        guard let seal = text.ranges(of: "\n" + start).last else { return false }
        let report = String(text[..<seal.lowerBound])
        return sealed(report) == text
    }
}
