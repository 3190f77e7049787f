import Synchronization

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

/// The secrets that a run has sent or may send to anybody, so that nobody's answer brings them back.
package final class KnownSecrets: Sendable {
    private let secrets = Mutex<Set<Secret>>([])

    /// Hides more secrets from now on.
    package func add(_ more: [Secret]) { secrets.withLock { $0.formUnion(more) } }

    /// All of them, in no order.
    var all: [Secret] { secrets.withLock { Array($0) } }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.hidden }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
