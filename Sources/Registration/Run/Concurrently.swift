/// Works on items several at a time.
///
/// - Parameters:
///   - items: The items, begun in this order.
///   - limit: How many are worked on at a time.
///   - operation: The work on one item.
///   - onResult: Takes a result, in the order in which they come; false keeps further items from being begun.
func concurrently<Result: Sendable>(
    _ items: [Int], at limit: Int, _ operation: @escaping @Sendable (Int) async -> Result,
    onResult: (Int, Result) -> Bool
) async {
    await withTaskGroup(of: (Int, Result).self) { group in
        var waiting = items.makeIterator()
        func beginNext() {
            guard let item = waiting.next() else { return }
            group.addTask { (item, await operation(item)) }
        }
        for _ in 0..<limit { beginNext() }
        var goesOn = true
        while let (item, result) = await group.next() {
            goesOn = onResult(item, result) && goesOn
            if goesOn { beginNext() }
        }
    }
}
