/// The encoding of text whose characters take two or four bytes each.
///
/// - Parameter bytes: The text.
/// - Returns: Its name, by the byte order mark or by the first characters; nil for any other text.
@inlinable package func wideEncoding(of bytes: some Collection<UInt8>) -> String? {
    let start = Array(bytes.prefix(4))
    guard start.count > 1 else { return nil }
    let isFour = start.count == 4
    if isFour, start[0] == 0xFF, start[1] == 0xFE, start[2] == 0, start[3] == 0 { return "UTF-32" }
    if isFour, start[0] == 0, start[1] == 0, start[2] == 0xFE, start[3] == 0xFF { return "UTF-32" }
    if isFour, start.count(where: { $0 == 0 }) == 3, start[0] != 0 || start[3] != 0 { return "UTF-32" }
    let zeros = start.map { $0 == 0 }
    if zeros == [false, true, false, true] || zeros == [true, false, true, false] { return "UTF-16" }
    return start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) ? "UTF-16" : nil
}
