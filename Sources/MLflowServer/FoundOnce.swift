import Synchronization

/// Something that is found out when it is first needed, and only once.
final class FoundOnce<Value: Sendable>: Sendable {
    private let task = Mutex<Task<Value, Never>?>(nil)
    private let found = Mutex<Value?>(nil)

    /// The value, as far as it was found already.
    var known: Value? { found.withLock { $0 } }

    /// The value; whoever asks first finds it, and others wait for that.
    func value(_ find: @escaping @Sendable () async -> Value) async -> Value {
        let task = task.withLock { task in
            let search = task ?? Task { await find() }
            task = search
            return search
        }
        let value = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        found.withLock { $0 = value }
        return value
    }
}
