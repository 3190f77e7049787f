import Synchronization

/// How many bytes all answers may have together.
final class MemoryLimit: Sendable {
    private let maximum: Int
    private let taken = Atomic<Int>(0)

    init(_ maximum: Int) { self.maximum = maximum }

    fileprivate func take(_ count: Int) -> Bool {
        if taken.add(count, ordering: .relaxed).newValue <= maximum { return true }
        taken.subtract(count, ordering: .relaxed)
        return false
    }

    fileprivate func giveBack(_ count: Int) { taken.subtract(count, ordering: .relaxed) }
}

/// What one answer has of a limit for all, until it is no longer used.
final class MemoryShare: Sendable {
    private let limit: MemoryLimit
    private let count = Atomic<Int>(0)

    init(of limit: MemoryLimit) { self.limit = limit }

    /// Takes more; false when there is not so much left.
    func grow(by more: Int) -> Bool {
        guard limit.take(more) else { return false }
        count.add(more, ordering: .relaxed)
        return true
    }

    deinit { limit.giveBack(count.load(ordering: .relaxed)) }
}
