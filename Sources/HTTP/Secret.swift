/// A text that is not shown by accident: printed, interpolated or dumped, it is `•••`.
package struct Secret: Hashable, Sendable {
    private let value: String

    /// A secret.
    package init(_ value: String) {
        self.value = value
    }

    /// What is shown in place of one.
    static let hidden = "•••"

    /// Whether it is empty.
    package var isEmpty: Bool { value.isEmpty }

    /// The text itself, for where it is sent.
    package func reveal() -> String { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.hidden }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
