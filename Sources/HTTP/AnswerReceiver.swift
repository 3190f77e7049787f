import Synchronization

/// Takes the body of a good answer while it comes. What came before a failure is not asked for again.
package final class AnswerReceiver: Sendable {
    private let take: @Sendable (UnsafeRawBufferPointer) -> Void
    private let hasBegun = Atomic(false)

    /// A receiver.
    ///
    /// - Parameter take: Is given the body part by part, on the thread that drives the transfers.
    package init(_ take: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) { self.take = take }

    /// Whether something has come.
    var hasTaken: Bool { hasBegun.load(ordering: .acquiring) }

    /// Takes a part of the body.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        hasBegun.store(true, ordering: .releasing)
        take(bytes)
    }
}

extension AnswerReceiver: Hashable {
    package static func == (one: AnswerReceiver, other: AnswerReceiver) -> Bool { one === other }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
