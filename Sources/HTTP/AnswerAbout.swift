/// An answer that says what it is about.
package protocol AnswerAbout {
    /// The name that the answer gives; nil where it gives none.
    var subject: String? { get }
}

/// An answer of which a header says a part.
package protocol AnswerWithHeaders {
    /// Takes what it needs of the headers.
    ///
    /// - Parameter header: The value of a header, whatever the case of its name; nil where there is none.
    mutating func take(_ header: (String) -> String?)
}

extension String {
    /// Whether it is another spelling of a name: services may ignore its case, and leave out its first levels.
    func isName(_ name: String) -> Bool {
        let (one, other) = (lowercased(), name.lowercased())
        return one == other || other.hasSuffix("." + one)
    }
}
