/// Works on items, several at a time.
///
/// - Parameters:
///   - items: The items, started in this order.
///   - limit: How many are worked on at a time.
///   - work: The work on one item.
///   - onResult: Takes a result, in order of completion. After it returns false no further item is started; those
///     under way are finished.
package func forEachConcurrently<Item: Sendable, Output: Sendable>(
    _ items: [Item], limit: Int, _ work: @escaping @Sendable (Item) async -> Output,
    onResult: (Item, Output) -> Bool
) async {
    await withTaskGroup(of: (Item, Output).self) { group in
        var waiting = items.makeIterator()
        func startNext() {
            guard let item = waiting.next() else { return }
            group.addTask { (item, await work(item)) }
        }
        for _ in 0..<limit { startNext() }
        var goesOn = true
        while let (item, output) = await group.next() {
            goesOn = onResult(item, output) && goesOn
            if goesOn { startNext() }
        }
    }
}

/// Transforms items, several at a time.
///
/// - Parameters:
///   - items: The items, started in this order.
///   - limit: How many are worked on at a time.
///   - transform: The work on one item.
/// - Returns: The results, in the order of the items.
/// - Throws: The first error of `transform`; the work on the other items is cancelled.
package func concurrentMap<Item: Sendable, Output: Sendable, Failure: Error>(
    _ items: [Item], limit: Int, _ transform: @escaping @Sendable (Item) async throws(Failure) -> Output
) async throws(Failure) -> [Output] {
    let result = await withTaskGroup(
        of: (Int, Result<Output, Failure>).self, returning: Result<[Output], Failure>.self
    ) { group in
        var waiting = items.enumerated().makeIterator()
        func startNext() {
            guard let (index, item) = waiting.next() else { return }
            group.addTask {
                (index, await Result(of: { () async throws(Failure) in try await transform(item) }))
            }
        }
        for _ in 0..<limit { startNext() }
        var outputs = [Output?](repeating: nil, count: items.count)
        while let (index, result) = await group.next() {
            switch result {
            case .success(let output): outputs[index] = output
            case .failure(let error):
                group.cancelAll()
                return .failure(error)
            }
            startNext()
        }
        return .success(outputs.compactMap(\.self))
    }
    return try result.get()
}
