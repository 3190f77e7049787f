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
        let seconds = days(date[0], date[1], date[2]) * 86400 + time[0] * 3600 + time[1] * 60 + time[2]
        return seconds * 1000 + fraction
    }

    /// The days from 1970-01-01 to a date; years begin in March here, so that the leap day comes last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719468
    }
}
