"""Prints mails as a person reads them: when, to whom, subject, and the words (the plain part). Python's reader, not ours."""
import email, email.policy, sys, zoneinfo

for path in sys.argv[1:]:
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    words = mail.get_body(preferencelist=("plain",)).get_content().replace("\r\n", "\n").rstrip("\n")
    print("Date: %s" % mail["Date"].datetime.astimezone(zoneinfo.ZoneInfo("Europe/London")).strftime("%a %d %b %Y %H:%M"))
    print("To: %s" % mail["To"])
    print("Subject: %s" % mail["Subject"])
    print()
    print(words)
    print()
    print("-" * 100)
