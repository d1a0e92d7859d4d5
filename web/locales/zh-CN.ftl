# 条理的界面用语。键与变量须与 en.ftl 一致。

# The product
brand = 条理
brand-claim = 让每一件服务都有条理
language-name = 中文
skip = 跳到正文
close = 关闭
cancel = 取消
save = 保存
retry = 重试
choose = — 请选择 —
required = 必填
unsaved = 填写的内容尚未提交，确定离开吗？
list-comma = 、
list-semicolon = ；
list-none = 无
line = 第 { $line } 行
version = 第 { $version } 版
to-inbox = 返回待办
value-yes = 是
value-no = 否

# Finding one's way
nav-label = 主导航
nav-admin = 管理
nav-inbox = 待办
nav-portal = 服务门户
nav-requests = 我的请求
nav-notifications = 通知
nav-instances = 运行中的记录
nav-definitions = 流程定义
nav-audit = 审计日志
nav-people = 人员
nav-registers = 基础数据
nav-profile = 个人设置
unread = 未读通知 { $count } 条
jump-label = 按编号打开记录
jump-placeholder = 编号，如 INC-2026-000123
pager-first = 回到开头
pager-next = 下一页

# Time
weekday-mon = 周一
weekday-tue = 周二
weekday-wed = 周三
weekday-thu = 周四
weekday-fri = 周五
weekday-sat = 周六
weekday-sun = 周日
day-make-up = （补班）
time-now = 刚刚
time-ago = { $length }前
time-ahead = { $length }后
length-days = { $count } 天
length-hours = { $count } 小时
length-minutes = { $count } 分钟

# How urgent
sla-left = 剩 { $length }
sla-over = 超时 −{ $length }
sla-none = 无时限
sla-paused = 已暂停
sla-met = 按时完成
sla-breached = 已超时

# Who
who-anyone = 所有人
who-nobody = 无人
who-system = 系统
who-unknown = 未登录者
role-administrator = 系统管理员
role-auditor = 审计员
role-staff = 服务人员
role-service-desk = 服务台
role-incident-manager = 事件经理
role-problem-manager = 问题经理
role-change-manager = 变更经理
role-service-manager = 服务经理
message-reply = 回复

# Signing in
sign-in = 登录
sign-in-title = 登录
sign-in-refused = 登录名或密码不正确。
sign-in-wait = 失败次数过多，请 15 分钟后再试。
sign-out = 退出登录
first-run-title = 创建第一位管理员
first-run-lead = 系统中还没有任何人。请为自己创建管理员账号，之后可在“人员”中添加其他人。
first-run-make = 创建并登录
first-run-reason = 系统初始化：第一位管理员
password-too-short = 至少需要 { $least } 个字符
password-too-long = 最多 { $most } 个字符
password-is-the-name = 不能与登录名相同
password-differs = 两次输入的密码不一致

# Fields of our own forms
field-sign-in = 登录名
field-name = 姓名
field-name-zh = 中文名称
field-name-en = 英文名称
field-email = 邮箱
field-roles = 角色
field-teams = 所属团队
field-zone = 时区
field-key = 标识
field-reason = 理由
field-password = 密码
field-password-old = 当前密码
field-password-new = 新密码
field-password-again = 再次输入新密码
hint-minutes = 单位：分钟
hint-money = 金额和币种，如 12.50 CNY
hint-record-number = 填写记录编号，如 INC-2026-000123
hint-search = 输入名称即可查找
hint-key = 填写标识
hint-one-per-line = 每行一个
hint-computed = 系统自动计算；改为其他值时须说明理由
hint-edit-reason = 修改自动计算的字段时必填

# What is wrong with a form
misfit-missing = 请填写此项
misfit-too-long = 不能超过 { $limit } 个字符
misfit-too-many = 不能超过 { $limit } 项
misfit-not-a-choice = 请从列出的选项中选择
misfit-not-a-date = 请填写有效日期，如 2026-09-18
misfit-no-such-entry = 找不到“{ $key }”
misfit-wrong-type = 格式不正确
misfit-not-asked = 此处不需要填写该字段
misfit-refers-to-itself = 不能引用本记录自身
refused-own-administrator = 不能取消自己的管理员角色，请由其他管理员操作
refused-ended = 记录已结束，不能再更改。
refused-stuck = 记录已卡住，须先修复。
refused-not-stuck = 记录没有卡住。
refused-no-such-task = 该任务已不在待办中。
refused-not-for-you = 该任务由其他人处理。
refused-duties-separated = 职责分离：提出请求或完成过相关工作的人不能处理此任务。
refused-taken-by = { $person } 已认领该任务。
refused-not-taken = 您没有认领该任务。
refused-choose-outcome = 请选择处理结果。
refused-bad-fields = 有字段需要更正，您填写的内容已保留。
refused-reason-missing = 请说明理由
refused-text-missing = 请填写内容。
refused-not-awaited = 记录目前不在等待该消息。
refused-not-allowed = 您无权执行此操作。
refused-no-such-person = 没有人员“{ $person }”。
refused-cannot-judge = 无法判断表单：{ $problem }
refused-nothing-changed = 没有任何改动。

# What was just done
flash-completed = 已完成 { $what }
flash-claimed = 已认领 { $what }
flash-released = 已退回 { $what }
flash-commented = 已在 { $what } 发表评论
flash-replied = 已回复 { $what }
flash-edited = 已更新 { $what }
flash-reported = 已提交，编号 { $what }
flash-saved = 已保存 { $what }
flash-retried = { $what } 已继续运行
flash-still-stuck = { $what } 仍然卡住
flash-password-changed = 密码已更改
flash-signed-out = 您已退出登录
flash-read = 已全部标为已读
flash-too-late = { $what } 已被他人处理

# Columns
col-due = 时限
col-name = 名称
col-record = 记录
col-task = 任务
col-priority = 优先级
col-service = 服务
col-requester = 申请人
col-actions = 操作
col-stage = 进展
col-started = 提交时间
col-updated = 最近更新
col-version = 版本
col-deployed = 部署时间
col-author = 编写人
col-approver = 批准人
col-change = 变更记录
col-reason = 理由
col-running = 运行中
col-ended = 已结束
col-when = 时间
col-who = 操作人
col-what = 内容
col-hash = 校验值

# The inbox
inbox-title = 待办
inbox-show = 显示范围
inbox-both = 全部
inbox-mine = 我的任务
inbox-groups = 组内任务
inbox-mine-tag = 我的
inbox-overdue = { $count } 项超时
inbox-empty = 没有待办任务
inbox-empty-text = 新任务到来时会出现在这里。
claim = 认领
claim-hint = 认领后其他人不会重复处理；直接完成也可以。
free = 退回给处理组
release = 退回

# A task
task-work = 处理任务
task-for = 处理人：{ $whom }
task-opened = 打开于{ $when }
task-due = 截止
task-held = { $person } 已认领该任务。
task-held-by = { $person } 处理中
task-mine = 我已认领
task-not-yours = 该任务由{ $whom }处理。
task-outcome = 处理结果
task-finish = 完成
task-do = 处理
task-record = 记录内容
task-said = 最近的交流
gone-title = 任务已被处理
gone-completed = { $person } 已完成，结果：{ $outcome }。
gone-cancelled = 任务已不再需要（{ $person }）。
gone-typed = 您填写的内容
gone-typed-text = 未提交，保留在此供您复制。

# A record
record-open = 打开记录
record-by = 申请人：{ $person }
record-fields = 记录内容
record-edit = 编辑字段
record-timeline = 时间线
record-diagram = 流程图与当前位置
overridden = 人工改写，理由：{ $reason }
comment-label = 写评论
comment-send = 发表
reply-text = 处理人正在等您的回复。
reply-label = 您的回复
reply-send = 发送回复
status-stuck = 卡在“{ $step }”
status-ended = { $outcome } · { $at }
stage-running = 处理中
stage-stuck = 已卡住
stage-ended = 已结束

# Clocks
clock-due = 到期
clock-used = 已用 { $percent }%
clock-sum = 已用 { $sum }，目标 { $target }（{ $percent }%）
clock-arithmetic = 计算过程（日历：{ $calendar }）
clock-from = 从
clock-to = 到
clock-worked = 工作时间
clock-now = 现在
clock-total = 合计
clock-target = 目标
clock-left = 剩余
clock-over-by = 超出 { $length }
clock-paused = 自 { $since } 起暂停：{ $step }
clock-stopped = 停止于 { $at }
clock-provisional = 该期限所在年份的节假日尚未公布，届时可能调整。
clock-uncountable = 日历“{ $calendar }”已不存在，无法计算。

# What happened to a record
event-started = 提交记录 { $number }，申请人：{ $requester }
event-field-set = { $field }：{ $value }
event-field-emptied = 清空{ $field }
event-field-overridden = { $field }人工改为“{ $value }”
event-edited = 编辑了记录
event-entered = 进入步骤“{ $step }”
event-token-ended = 离开步骤“{ $step }”
event-task-opened = 打开任务“{ $step }”，处理人：{ $whom }
event-task-opened-due = 打开任务“{ $step }”，处理人：{ $whom }，截止 { $due }
event-task-reassigned = 任务“{ $step }”转由{ $whom }处理
event-task-reassigned-kept = 任务“{ $step }”转由{ $whom }处理，仍由 { $person } 认领
event-task-claimed = { $person } 认领任务“{ $step }”
event-task-released = 任务“{ $step }”被退回
event-task-completed = { $person } 完成任务“{ $step }”：{ $outcome }
event-task-cancelled = 任务“{ $step }”不再需要
event-message-awaited = 等待{ $whom }的{ $message }
event-message-received = 收到{ $message }
event-timer-set = 定时器设为 { $at }
event-timer-fired = “{ $step }”到时
event-condition-awaited = “{ $step }”等待条件成立
event-branch-finished = “{ $step }”所在分支已完成
event-reminded = “{ $step }”久未办理，已提醒
event-milestone = 达到里程碑“{ $step }”
event-clock-started = 计时“{ $clock }”开始，目标 { $target }，日历：{ $calendar }
event-clock-retargeted = 计时“{ $clock }”的目标改为 { $target }
event-clock-paused = 计时“{ $clock }”暂停：{ $step }
event-clock-resumed = 计时“{ $clock }”继续
event-clock-stopped = 计时“{ $clock }”停止
event-clock-passed = 计时“{ $clock }”已用 { $percent }%
event-clock-breached = 计时“{ $clock }”已超时
event-notified = 已通知{ $whom }
event-escalated = 已升级至{ $whom }
event-commented = 发表评论
event-ended = 记录结束：{ $outcome }
event-repair-needed = 卡在“{ $step }”，第 { $line } 行
event-repair-retried = 重新尝试
timeline-detail = 细节（{ $count }）

# The portal
portal-title = 服务门户
portal-waiting = 等您处理
portal-answer = 去处理
portal-services = 服务目录
portal-no-services = 还没有登记服务。
portal-report = 报告问题
portal-open = 进行中的请求
portal-all = 查看全部请求
portal-none = 您没有进行中的请求。
report-title = 报告问题
report-intro = 用您自己的话描述即可，不必懂技术术语。带 * 的为必填。
report-send = 提交
requests-title = 我的请求
requests-empty = 您还没有提交过请求。
notifications-title = 通知
notifications-read = 全部标为已读
notifications-new = 新
notifications-empty = 没有通知。

# The profile
profile-title = 个人设置
profile-me = 我的信息
profile-language = 界面语言
profile-password = 更改密码
profile-password-change = 更改密码
profile-password-hint = 至少 10 个字符。更改后，其他设备上的登录将失效。
profile-old-wrong = 当前密码不正确

# Administration: processes and records
definitions-title = 流程定义
definitions-empty = 还没有部署流程。
four-eyes-title = 双人复核
four-eyes-is-on = 已启用
four-eyes-is-off = 已关闭
four-eyes-on = 新版本须由编写人以外的人批准，并注明变更记录。
four-eyes-off = 部署新版本的人可以自行批准，也不必注明变更记录。
four-eyes-decided = 由{ $person }设置，{ $when }
four-eyes-default = 尚无人更改，默认启用。
four-eyes-switch-on = 启用
four-eyes-switch-off = 关闭
definition-title = { $process } 第 { $version } 版
definition-current = 当前
definition-owner = 流程负责人
definition-clauses = 对应条款
definition-diagram = 流程图
definition-source = 定义文本
edition-overview = 概述
edition-iso2005 = ISO/IEC 20000-1:2005
edition-iso2011 = ISO/IEC 20000-1:2011
edition-iso2018 = ISO/IEC 20000-1:2018
instances-title = 运行中的记录
instances-stuck = 需要修复
instances-empty = 没有符合条件的记录。
filter-process = 流程
filter-status = 状态
filter-all = 全部流程
filter-version = 仅某一版本
filter-clear = 清除
filter-show = 筛选
filter-open = 未结束
filter-stuck = 卡住
filter-ended = 已结束
filter-any = 全部

# Administration: people and registers
people-title = 人员
people-add = 添加人员
people-add-hint = 添加后再分配角色和密码。
person-details = 基本信息
person-standing = 角色与团队
person-left = 已离职
person-leaves = 已离职，不能登录
person-has-password = 已设置密码。
person-no-password = 尚未设置密码，无法登录。
person-reset = 重置为一次性显示的随机密码
person-fresh = { $name } 的新密码，只显示这一次：
person-fresh-hint = 请当面或通过可靠渠道转交，并提醒对方登录后修改。
person-sign-in-unfit = 2–40 个字符，不含空格
person-sign-in-taken = 该登录名已被使用
person-email-unfit = 邮箱格式不正确
registers-title = 基础数据
register-service = 服务
register-team = 团队
register-configuration-item = 配置项
register-calendar = 日历
register-person = 人员
register-role = 角色
register-add = 添加
register-change = 修改
register-key-unfit = 仅限小写字母、数字和 - _ .
register-key-taken = 该标识已被使用
attribute-support-team = 支持团队
attribute-calendar = 服务时间
attribute-owner = 负责人
attribute-service = 所属服务
calendars-hint = 日历由数据导入，此处只读。
calendar-closed = 休息
calendar-make-up = 补班
calendar-exceptions = 节假日与补班（{ $count } 天）
calendar-known = 节假日已公布至 { $date }

# The audit trail
audit-title = 审计日志
audit-lead = 每一条都与前一条的校验值相连，改动或缺失会被发现。
audit-signed-in = 登录，来自 { $from }
audit-sign-in-refused = 登录被拒：“{ $name }”，来自 { $from }
audit-sign-in-put-off = 登录失败次数过多，暂缓登录：“{ $name }”，来自 { $from }
audit-signed-out = 退出登录
audit-password-set = 设置了{ $person }的密码
audit-person-put = 添加或修改人员{ $person }
audit-standing-changed = 变更{ $person }的权限：授予 { $given }；收回 { $taken }
audit-entry-put = 添加或修改{ $register }“{ $key }”
audit-deployed = 部署流程 { $process } 第 { $version } 版，编写：{ $author }，批准：{ $approver }，变更记录：{ $change }
audit-four-eyes-on = 启用了部署的双人复核
audit-four-eyes-off = 关闭了部署的双人复核
audit-noted = 记录：{ $kind }

# When there is no page
problem-not-found = 找不到页面
problem-not-found-text = 页面不存在，或您无权查看。
session-over = 登录已失效
session-over-text = 提交表单时登录已失效，内容没有保存。您填写的内容在下方：请重新登录（在新标签页打开）后再次提交。
session-over-typed = 您填写的内容
problem-forged = 表单已失效
problem-forged-text = 请返回并刷新页面后重新提交。
problem-too-large = 提交的内容过大
problem-too-large-text = 请减少内容后重新提交。
problem-busy = 系统繁忙
problem-busy-text = 请稍候再试，您的操作没有生效。
problem-broken = 系统出错
problem-broken-text = 问题已记录，请把下面的编号告诉管理员。
problem-request = 请求编号 { $id }
problem-home = 回到首页

# Keys
keys-title = 快捷键
keys-move = 下一条 / 上一条
keys-open = 打开
keys-claim = 认领
keys-finish = 处理 / 完成
keys-outcome = 选择处理结果
keys-inbox = 回到待办
keys-jump = 按编号打开
keys-sheet = 显示本表
