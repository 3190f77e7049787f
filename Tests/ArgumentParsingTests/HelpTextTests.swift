import Testing

@testable import ArgumentParsing

@Suite struct HelpTextTests {
    @Test func programPage() {
        #expect(
            HelpText.render(.sample, width: 80, color: false) == """
                Loads boxes on ships.

                Usage: ship COMMAND [FLAGS] [ARGUMENTS]

                Boxes are taken as they come. What does not fit stays on the quay, and is
                reported.

                Commands:
                  load    Load boxes, 'fragile' ones last: $HOME [first]
                  unload  Take everything off
                  paint   Paint the ship
                  help    Show the help of the program or of a command

                Global flags:
                      --color WHEN  Use colours [possible values: auto, always, never]
                                    [default: auto]
                  -h, --help        Show this help
                      --version     Show the version

                Exit codes:
                  0   Everything is on board
                  64  The command line cannot be understood

                Environment:
                  SHIP_TARGET  The harbour, where --target names none

                Files:
                  ~/.ship  The captain's settings

                Run 'ship help COMMAND' for the flags of a command.

                """)
    }

    @Test func commandPage() {
        #expect(
            HelpText.render(.sample, .load, width: 80, color: false) == #"""
                Load boxes, 'fragile' ones last: $HOME [first].

                Usage: ship load [FLAGS] QUAY BOX...

                .Boxes that are on board already are left alone.

                A box is loaded whole.

                Arguments:
                  QUAY  Where the boxes stand
                  BOX   The boxes

                Selecting:
                  -t, --target NAME    Load for this harbour [default: the nearest]
                                       [env: SHIP_TARGET]
                  -l, --label K=V      Stick this label on every box [repeatable]

                Output:
                  -m, --manifest FILE  Write what was loaded to FILE
                      --hold DIR       Keep the boxes in this folder
                      --format FORMAT  Print in this format [possible values: text, json,
                                       yaml-1.2] [default: text]
                  -q, --quiet          Print nothing but errors
                  -v, --verbose        Print more [repeatable]

                Flags:
                  -n, --dry-run        Show what would be loaded, and load nothing
                  -o, --odd            It's "odd": $HOME, $(id), `id`, [a:b], {c}, \d, 100% <e>;
                                       .f * ? ~ # ! – 'g'

                Global flags:
                      --color WHEN     Use colours [possible values: auto, always, never]
                                       [default: auto]
                  -h, --help           Show this help
                      --version        Show the version

                Examples:
                  See what would be loaded:
                    ship load --dry-run quay 'box 1'

                  Load for York, and keep a log:
                    SHIP_TARGET=york ship load --label a=b quay box | tee log

                """#)
    }

    @Test func narrowPageWraps() {
        #expect(
            HelpText.render(.sample, .paint, width: 10, color: false) == """
                Paint the ship.

                Usage: ship paint COLOUR [PLACE]

                Arguments:
                  COLOUR  The colour [possible
                          values: red, green]
                  PLACE   Where to begin

                Global flags:
                      --color WHEN  Use colours
                                    [possible
                                    values: auto,
                                    always, never]
                                    [default: auto]
                  -h, --help        Show this help
                      --version     Show the version

                """)
    }

    @Test func commandWithoutArgumentsHasNoEmptySections() {
        let page = HelpText.render(.sample, .unload, width: 80, color: false)
        #expect(page.hasPrefix("Take everything off.\n\nUsage: ship unload\n\nGlobal flags:\n"))
        #expect(!page.contains("Examples"))
    }

    @Test func colorChangesNothingButColor() {
        let colored = HelpText.render(.sample, .load, width: 80, color: true)
        #expect(colored.contains("\u{1B}[1;32mUsage:\u{1B}[0m \u{1B}[1;36mship\u{1B}[0m"))
        #expect(
            colored.contains("\u{1B}[1;36m-t\u{1B}[0m, \u{1B}[1;36m--target\u{1B}[0m \u{1B}[36mNAME\u{1B}[0m")
        )
        var plain = colored
        for code in ["0", "1;32", "1;36", "36"] { plain = plain.replacing("\u{1B}[\(code)m", with: "") }
        #expect(plain == HelpText.render(.sample, .load, width: 80, color: false))
    }

    @Test(arguments: [40, 61, 80, 100, 132])
    func linesKeepToTheWidth(width: Int) {
        for command in Program.sample.allCommands {
            let page = HelpText.render(.sample, command, width: width, color: false)
            for line in page.split(separator: "\n") where !line.hasPrefix("    ") || line.hasPrefix("      ")
            {
                #expect(line.count <= width)
            }
        }
    }

    @Test func labelTooLongForItsColumnHasTheTextBelow() {
        let layout = TextLayout(width: 40)
        let short = StyledText(plain: "-a", styled: "-a")
        let long = StyledText(plain: "--a-flag-with-a-long-name", styled: "--a-flag-with-a-long-name")
        let column = layout.columnWidth(for: [short, long])
        #expect(column == 2)
        #expect(layout.row(short, "one two", columnWidth: column) == "  -a  one two\n")
        #expect(
            layout.row(long, "one two", columnWidth: column)
                == "  --a-flag-with-a-long-name\n          one two\n")
    }

    @Test func noBreakSpacesHold() {
        #expect(TextLayout(width: 9).lines("one two\u{A0}three four") == ["one", "two three", "four"])
    }

    @Test func usageLines() {
        #expect(HelpText.usage(.sample) == "Usage: ship COMMAND [FLAGS] [ARGUMENTS]")
        #expect(HelpText.usage(.sample, .load) == "Usage: ship load [FLAGS] QUAY BOX...")
        #expect(HelpText.usage(.sample, .paint) == "Usage: ship paint COLOUR [PLACE]")
    }
}
