import PromptRegistry

/// Works on items several at a time, until one fails.
///
/// - Parameters:
///   - items: The items, begun in this order.
///   - limit: How many are worked on at a time.
///   - work: The work on one item.
/// - Returns: The results, in the order of the items.
/// - Throws: What the first item that failed did; the work on the others is given up.
func concurrently<Item: Sendable, Output: Sendable>(
    _ items: [Item], at limit: Int,
    _ work: @escaping @Sendable (Item) async throws(RegistryError) -> Output
) async throws(RegistryError) -> [Output] {
    let result = await withTaskGroup(
        of: (Int, Result<Output, RegistryError>).self, returning: Result<[Output], RegistryError>.self
    ) { group in
        var waiting = items.enumerated().makeIterator()
        func beginNext() {
            guard let (index, item) = waiting.next() else { return }
            group.addTask {
                (index, await Result(of: { () async throws(RegistryError) in try await work(item) }))
            }
        }
        for _ in 0..<limit { beginNext() }
        var outputs = [Output?](repeating: nil, count: items.count)
        while let (index, output) = await group.next() {
            switch output {
            case .success(let output): outputs[index] = output
            case .failure(let error):
                group.cancelAll()
                return .failure(error)
            }
            beginNext()
        }
        return .success(outputs.compactMap(\.self))
    }
    return try result.get()
}
