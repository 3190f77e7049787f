import HTTP

/// Reads the times that Unity Catalog writes.
enum Timestamp {
    /// The milliseconds since 1970 of a time in UTC such as `2025-04-15T08:49:18.699Z`; nil for any other form.
    static func milliseconds(_ text: String) -> Int? {
        guard text.hasSuffix("Z") else { return nil }
        let halves = text.dropLast().split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let date = halves[0].split(separator: "-", omittingEmptySubsequences: false).compactMap { Int($0) }
        let moment = halves[1].split(separator: ".", omittingEmptySubsequences: false)
        let time = moment[0].split(separator: ":", omittingEmptySubsequences: false).compactMap { Int($0) }
        guard date.count == 3, time.count == 3, moment.count <= 2, 1970...9999 ~= date[0],
            1...12 ~= date[1], 1...31 ~= date[2], 0...23 ~= time[0], 0...59 ~= time[1], 0...60 ~= time[2]
        else { return nil }
        var fraction = 0
        if moment.count == 2 {
            guard !moment[1].isEmpty, moment[1].utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
            fraction = Int((moment[1] + "00").prefix(3)) ?? 0
        }
        let seconds =
            CalendarDate.days(date[0], date[1], date[2]) * 86400 + time[0] * 3600 + time[1] * 60 + time[2]
        return seconds * 1000 + fraction
    }
}
