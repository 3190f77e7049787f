package import Diagnostics

/// A message of a chat that a text marks.
package struct MarkedMessage: Sendable {
    /// The role.
    package var role: String
    /// Where the role is marked; nil for what comes before all marks.
    package var mark: SourceLocation?
    /// The content.
    package var text: TemplateText
    /// The offsets of the content's bytes in the text that marks it.
    package var range: Range<Int>
}

/// A mark that begins a message.
struct RoleMark {
    /// The role.
    var role: String
    /// The mark in the text.
    var range: Range<Int>
}

extension TemplateText {
    /// The messages between marks; nil where there are none.
    ///
    /// White space around a content goes away, as it does in what reads such files; so do messages without any content.
    ///
    /// - Parameters:
    ///   - marks: The marks, in order.
    ///   - first: The role of what comes before them.
    /// - Returns: The messages.
    func messages(at marks: [RoleMark], first: String) -> [MarkedMessage]? {
        if marks.isEmpty { return nil }
        var reader = StretchReader(self)
        var result: [MarkedMessage] = []
        var (role, start) = (first, 0)
        var place: SourceLocation?
        for mark in marks + [RoleMark(role: "", range: reader.source.bytes.count..<reader.source.bytes.count)]
        {
            let lower = min(reader.source.skipSpaces(from: start), mark.range.lowerBound)
            var assembly = TextAssembly()
            assembly.append(lower..<mark.range.lowerBound, of: &reader)
            assembly.trimEnd(to: 0)
            if assembly.count > 0 {
                let range = lower..<(lower + assembly.count)
                result.append(
                    MarkedMessage(role: role, mark: place, text: assembly.text(from: self), range: range))
            }
            place = reader.place(at: mark.range.lowerBound)
            (role, start) = (mark.role, mark.range.upperBound)
        }
        return result
    }
}

/// The roles that formats call otherwise than chat APIs do.
func chatRole(_ name: String) -> String { name == "model" ? "assistant" : name }
