/// An answer that says what it is about.
package protocol AnswerAbout {
    /// The name that the answer gives; nil where it gives none.
    var subject: String? { get }
}

extension String {
    /// Whether it is another spelling of a name: services may ignore its case, and leave out its first levels.
    func isName(_ name: String) -> Bool {
        let (one, other) = (lowercased(), name.lowercased())
        return one == other || other.hasSuffix("." + one)
    }
}
