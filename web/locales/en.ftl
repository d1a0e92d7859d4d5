# The words of Tiaoli's pages. Keys and variables are those of zh-CN.ftl.

# The product
brand = Tiaoli
brand-claim = Service management that keeps its promises
language-name = English
skip = Skip to the content
close = Close
cancel = Cancel
save = Save
retry = Try again
choose = — choose —
required = required
unsaved = What you typed has not been sent. Leave all the same?
list-comma = {", "}
list-semicolon = {"; "}
list-none = none
line = line { $line }
version = version { $version }
to-inbox = Back to the inbox
value-yes = yes
value-no = no

# Finding one's way
nav-label = Main
nav-admin = Administration
nav-inbox = Inbox
nav-portal = Portal
nav-requests = My requests
nav-notifications = Notifications
nav-instances = Records
nav-definitions = Processes
nav-audit = Audit trail
nav-people = People
nav-registers = Registers
nav-profile = Profile
unread = Unread notifications: { $count }
jump-label = Open a record by its number
jump-placeholder = Number, such as INC-2026-000123
pager-first = Back to the start
pager-next = Next page

# Time
weekday-mon = Mon
weekday-tue = Tue
weekday-wed = Wed
weekday-thu = Thu
weekday-fri = Fri
weekday-sat = Sat
weekday-sun = Sun
day-make-up = {" (make-up workday)"}
time-now = just now
time-ago = { $length } ago
time-ahead = in { $length }
length-days = { $count } d
length-hours = { $count } h
length-minutes = { $count } min

# How urgent
sla-left = { $length } left
sla-over = overdue −{ $length }
sla-none = no deadline
sla-paused = paused
sla-met = met
sla-breached = breached

# Who
who-anyone = everybody
who-nobody = nobody
who-system = the system
who-unknown = not signed in
role-administrator = administrator
role-auditor = auditor
role-staff = staff
role-service-desk = service desk
role-incident-manager = incident manager
role-problem-manager = problem manager
role-change-manager = change manager
role-service-manager = service manager
message-reply = reply

# Signing in
sign-in = Sign in
sign-in-title = Sign in
sign-in-refused = The sign-in name or the password is wrong.
sign-in-wait = Too many wrong tries. Please wait 15 minutes.
sign-out = Sign out
first-run-title = Make the first administrator
first-run-lead = Nobody is here yet. Make an administrator of yourself; others are added under “People” afterwards.
first-run-make = Create and sign in
first-run-reason = First run: the first administrator
password-too-short = needs at least { $least } characters
password-too-long = may have at most { $most } characters
password-is-the-name = may not be the same as the sign-in name
password-differs = the two passwords are not the same

# Fields of our own forms
field-sign-in = Sign-in name
field-name = Name
field-name-zh = Name in Chinese
field-name-en = Name in English
field-email = E-mail
field-roles = Roles
field-teams = Teams
field-zone = Time zone
field-key = Key
field-reason = Reason
field-password = Password
field-password-old = Current password
field-password-new = New password
field-password-again = New password again
hint-minutes = in minutes
hint-money = amount and currency, such as 12.50 CNY
hint-record-number = the record's number, such as INC-2026-000123
hint-search = type to search by name
hint-key = the key of the entry
hint-one-per-line = one on each line
hint-computed = computed; another value needs a reason
hint-edit-reason = needed when a computed field is changed

# What is wrong with a form
misfit-missing = please fill this in
misfit-too-long = may have at most { $limit } characters
misfit-too-many = may have at most { $limit } values
misfit-not-a-choice = please choose one of the values
misfit-not-a-date = please give a date such as 2026-09-18
misfit-no-such-entry = there is no “{ $key }”
misfit-wrong-type = this cannot be read
misfit-not-asked = this is not asked for here
misfit-refers-to-itself = this is the record itself
refused-own-administrator = you cannot take the administrator’s role from yourself; another administrator can
refused-ended = The record is closed and never changes again.
refused-stuck = The record is stuck and must be repaired first.
refused-not-stuck = The record is not stuck.
refused-no-such-task = This task is not open any more.
refused-not-for-you = This task is for other people.
refused-duties-separated = Separation of duty: whoever asked for the record or did the work may not do this task.
refused-taken-by = { $person } has taken this task.
refused-not-taken = You have not taken this task.
refused-choose-outcome = Please choose how the task ends.
refused-bad-fields = Some fields need another look. What you typed is still here.
refused-reason-missing = please say why
refused-text-missing = Please write something.
refused-not-awaited = The record does not wait for this message now.
refused-not-allowed = You may not do this.
refused-no-such-person = There is no person “{ $person }”.
refused-cannot-judge = The form could not be judged: { $problem }
refused-nothing-changed = Nothing was changed.

# What was just done
flash-completed = Done: { $what }
flash-claimed = You have taken { $what }
flash-released = You have given back { $what }
flash-commented = Your comment is on { $what }
flash-replied = Your reply is on { $what }
flash-edited = { $what } was changed
flash-reported = Reported as { $what }
flash-saved = Saved: { $what }
flash-retried = { $what } goes on
flash-still-stuck = { $what } is still stuck
flash-password-changed = Your password was changed
flash-signed-out = You have signed out
flash-read = All marked as read
flash-too-late = Somebody else was quicker with { $what }

# Columns
col-due = Due
col-name = Name
col-record = Record
col-task = Task
col-priority = Priority
col-service = Service
col-requester = Requester
col-actions = Actions
col-stage = Stage
col-started = Started
col-updated = Updated
col-version = Version
col-deployed = Deployed
col-author = Author
col-approver = Approver
col-change = Change record
col-reason = Reason
col-running = Running
col-ended = Ended
col-when = When
col-who = Who
col-what = What
col-hash = Hash

# The inbox
inbox-title = Inbox
inbox-show = Show
inbox-both = All
inbox-mine = My tasks
inbox-groups = My groups
inbox-mine-tag = mine
inbox-overdue = { $count } overdue
inbox-empty = Nothing to do
inbox-empty-text = New tasks appear here when they come.
claim = Claim
claim-hint = Claim it so that nobody else starts; you may also finish it straight away.
free = Give it back to its group
release = Give back

# A task
task-work = The task
task-for = for { $whom }
task-opened = opened { $when }
task-due = due
task-held = { $person } has taken this task.
task-held-by = taken by { $person }
task-mine = taken by you
task-not-yours = This task is for { $whom }.
task-outcome = How does it end?
task-finish = Finish
task-do = Do it
task-record = The record
task-said = Last said
gone-title = Somebody was quicker
gone-completed = { $person } finished it: { $outcome }.
gone-cancelled = The task is no longer needed ({ $person }).
gone-typed = What you typed
gone-typed-text = It was not taken; here it is, to copy.

# A record
record-open = Open the record
record-by = for { $person }
record-fields = The record
record-edit = Edit fields
record-timeline = Timeline
record-diagram = The process and where it stands
overridden = set by hand: { $reason }
comment-label = Write a comment
comment-send = Comment
reply-text = The team waits for your answer.
reply-label = Your answer
reply-send = Send
status-stuck = stuck at “{ $step }”
status-ended = { $outcome } · { $at }
stage-running = in progress
stage-stuck = stuck
stage-ended = ended

# Clocks
clock-due = due
clock-used = { $percent } % used
clock-sum = { $sum } of { $target } used ({ $percent } %)
clock-arithmetic = The arithmetic (calendar: { $calendar })
clock-from = From
clock-to = To
clock-worked = Working time
clock-now = now
clock-total = Sum
clock-target = Target
clock-left = Left
clock-over-by = over by { $length }
clock-paused = Paused since { $since }: { $step }
clock-stopped = Stopped at { $at }
clock-provisional = The holidays of that year are not published yet; the deadline is provisional.
clock-uncountable = The calendar “{ $calendar }” is gone, so nothing can be counted.

# What happened to a record
event-started = Record { $number } began, for { $requester }
event-field-set = { $field }: { $value }
event-field-emptied = { $field } emptied
event-field-overridden = { $field } set by hand to “{ $value }”
event-edited = The record was edited
event-entered = Came to the step “{ $step }”
event-token-ended = Left the step “{ $step }”
event-task-opened = Task “{ $step }” opened for { $whom }
event-task-opened-due = Task “{ $step }” opened for { $whom }, due { $due }
event-task-reassigned = Task “{ $step }” is for { $whom } now
event-task-reassigned-kept = Task “{ $step }” is for { $whom } now; { $person } keeps it
event-task-claimed = { $person } took the task “{ $step }”
event-task-released = The task “{ $step }” was given back
event-task-completed = { $person } finished “{ $step }”: { $outcome }
event-task-cancelled = The task “{ $step }” is no longer needed
event-message-awaited = Waiting for a { $message } from { $whom }
event-message-received = A { $message } came
event-timer-set = A timer is set for { $at }
event-timer-fired = The time of “{ $step }” is up
event-condition-awaited = “{ $step }” waits for its condition
event-branch-finished = The branch of “{ $step }” is done
event-reminded = “{ $step }” has been open too long
event-milestone = “{ $step }” is reached
event-clock-started = The clock “{ $clock }” starts: { $target } on the calendar { $calendar }
event-clock-retargeted = The clock “{ $clock }” has another target: { $target }
event-clock-paused = The clock “{ $clock }” pauses: { $step }
event-clock-resumed = The clock “{ $clock }” runs again
event-clock-stopped = The clock “{ $clock }” stops
event-clock-passed = { $percent } % of “{ $clock }” is used
event-clock-breached = The clock “{ $clock }” is breached
event-notified = Told: { $whom }
event-escalated = Escalated to { $whom }
event-commented = Commented
event-ended = The record ended: { $outcome }
event-repair-needed = Stuck at “{ $step }”, line { $line }
event-repair-retried = Tried again
timeline-detail = Details ({ $count })

# The portal
portal-title = Portal
portal-waiting = Waiting for you
portal-answer = Answer
portal-services = Services
portal-no-services = No services are listed yet.
portal-report = Report a problem
portal-open = Your open requests
portal-all = See all your requests
portal-none = You have no open requests.
report-title = Report a problem
report-intro = Say it in your own words; no technical terms are needed. Fields with * must be filled in.
report-send = Send
requests-title = My requests
requests-empty = You have not asked for anything yet.
notifications-title = Notifications
notifications-read = Mark all as read
notifications-new = new
notifications-empty = No notifications.

# The profile
profile-title = Profile
profile-me = Who you are here
profile-language = Language
profile-password = Change the password
profile-password-change = Change it
profile-password-hint = At least 10 characters. Other browsers are signed out by the change.
profile-old-wrong = this is not the current password

# Administration: processes and records
definitions-title = Processes
definitions-empty = No process is deployed yet.
four-eyes-title = Four-eyes principle
four-eyes-is-on = on
four-eyes-is-off = off
four-eyes-on = A new version needs somebody other than its author to approve it, and a change record.
four-eyes-off = Whoever deploys a new version may approve it alone and without a change record.
four-eyes-decided = Switched by { $person }, { $when }
four-eyes-default = Nobody has switched it; it is on from the beginning.
four-eyes-switch-on = Switch on
four-eyes-switch-off = Switch off
definition-title = { $process }, version { $version }
definition-current = current
definition-owner = Process owner
definition-clauses = Clauses
definition-diagram = Diagram
definition-source = Source
edition-overview = Overview
edition-iso2005 = ISO/IEC 20000-1:2005
edition-iso2011 = ISO/IEC 20000-1:2011
edition-iso2018 = ISO/IEC 20000-1:2018
instances-title = Running records
instances-stuck = In need of repair
instances-empty = No records match.
filter-process = Process
filter-status = State
filter-all = All processes
filter-version = One version only
filter-clear = clear
filter-show = Show
filter-open = open
filter-stuck = stuck
filter-ended = ended
filter-any = all

# Administration: people and registers
people-title = People
people-add = Add a person
people-add-hint = Roles and a password are given afterwards.
person-details = Details
person-standing = Roles and teams
person-left = has left
person-leaves = has left and may not sign in
person-has-password = A password is set.
person-no-password = No password is set; the person cannot sign in yet.
person-reset = Reset to a random password, shown once
person-fresh = The new password of { $name }, shown only this once:
person-fresh-hint = Hand it over in person or by a safe way, and ask for it to be changed after signing in.
person-sign-in-unfit = 2 to 40 characters without blanks
person-sign-in-taken = this name is taken
person-email-unfit = this is not an e-mail address
registers-title = Registers
register-service = Services
register-team = Teams
register-configuration-item = Configuration items
register-calendar = Calendars
register-person = People
register-role = Roles
register-add = Add
register-change = Change
register-key-unfit = lower-case letters, digits and - _ . only
register-key-taken = this key is taken
attribute-support-team = Support team
attribute-calendar = Service hours
attribute-owner = Owner
attribute-service = Service
calendars-hint = Calendars come from data; they are shown here to read.
calendar-closed = closed
calendar-make-up = make-up workday
calendar-exceptions = Holidays and make-up workdays ({ $count })
calendar-known = Holidays are published up to { $date }

# The audit trail
audit-title = Audit trail
audit-lead = Each entry is chained to the one before it, so a change or a gap shows.
audit-signed-in = signed in from { $from }
audit-sign-in-refused = sign-in refused: “{ $name }” from { $from }
audit-sign-in-put-off = sign-in put off after too many refusals: “{ $name }” from { $from }
audit-signed-out = signed out
audit-password-set = set the password of { $person }
audit-person-put = added or changed the person { $person }
audit-standing-changed = changed what { $person } may do: given { $given }; taken { $taken }
audit-entry-put = added or changed in { $register }: “{ $key }”
audit-deployed = deployed { $process }, version { $version }, written by { $author }, approved by { $approver }, change record: { $change }
audit-four-eyes-on = switched the four-eyes principle for deployments on
audit-four-eyes-off = switched the four-eyes principle for deployments off
audit-noted = noted: { $kind }

# When there is no page
problem-not-found = There is no such page
problem-not-found-text = It does not exist, or it is not for you.
session-over = You are signed out
session-over-text = The session had ended before the form was sent, so nothing was saved. What you typed is below: sign in (a new tab opens), then send it again.
session-over-typed = What you typed
problem-forged = The form is no longer valid
problem-forged-text = Please go back, reload the page and send it again.
problem-too-large = That is too much
problem-too-large-text = Please send less at once.
problem-busy = Too busy just now
problem-busy-text = Please try again in a moment; nothing was changed.
problem-broken = Something went wrong
problem-broken-text = It has been noted. Please tell an administrator the number below.
problem-request = Request { $id }
problem-home = Back to the start

# Keys
keys-title = Keys
keys-move = next / previous
keys-open = open
keys-claim = claim
keys-finish = do / finish
keys-outcome = choose an outcome
keys-inbox = go to the inbox
keys-jump = open by number
keys-sheet = show this sheet
