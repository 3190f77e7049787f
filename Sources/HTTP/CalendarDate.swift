/// Counts days in the calendar that servers write dates in.
package enum CalendarDate {
    /// The days from 1970-01-01 to a date; years begin in March here, so that the leap day comes last.
    package static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719468
    }
}
