"""Addresses of the appeal floor: today, cases, filings, the merchant's pages."""

from django.urls import include, path

from appeals.views import cases, filing, home, jobs, merchant, notices, steps, timeline

case_steps = [
    path("assign/", steps.assign, name="case-assign"),
    path("take-in/", steps.take_in, name="case-take-in"),
    path("diagnose/", steps.diagnose, name="case-diagnose"),
    path("consent/", steps.consent, name="case-consent"),
    path("prepare/", steps.prepare, name="case-prepare"),
    path("do-not-fight/", steps.do_not_fight, name="case-do-not-fight"),
    path("review/", steps.send_to_review, name="case-review"),
    path("next-round/", steps.next_round, name="case-next-round"),
    path("judge/", steps.judge, name="case-judge"),
    path("overrule/", steps.overrule, name="case-overrule"),
    path("deadlines/add/", steps.add_deadline, name="case-deadline-add"),
    path("deadlines/<int:place>/confirm/", steps.confirm_deadline, name="case-deadline-confirm"),
    path("violations/<str:violation>/attempts/", steps.set_attempts, name="case-attempts"),
    path("violations/<str:violation>/alone/", steps.attempt_alone, name="case-attempt-alone"),
    path("violations/<str:violation>/answer/", steps.record_answer, name="case-answer"),
    path("facts/", steps.record_fact, name="case-fact"),
    path("rectify/", steps.rectify, name="case-rectify"),
    path("close/", steps.close, name="case-close"),
    path("reopen/", steps.reopen, name="case-reopen"),
    path("plan/propose/", steps.plan_propose, name="case-plan-propose"),
    path("plan/add/", steps.plan_add, name="case-plan-add"),
    path("plan/<str:action>/", steps.plan_move, name="case-plan-move"),
    path("say/", steps.say, name="case-say"),
    path("evidence/<slug:key>/upload/", steps.upload, name="case-upload"),
    path("evidence/<slug:key>/ask/", steps.ask, name="case-ask"),
    path("evidence/<slug:key>/waive/", steps.waive, name="case-waive"),
    path("documents/<slug:document>/", steps.generate, name="case-generate"),
    path("items/<str:item>/withdraw/", steps.withdraw, name="case-withdraw"),
    path("timeline/", timeline.page, name="case-timeline"),
]

filing_steps = [
    path("text/", filing.text, name="filing-text"),
    path("redraft/", filing.redraft, name="filing-redraft"),
    path("approve/", filing.approve, name="filing-approve"),
    path("changes/", filing.want_changes, name="filing-changes"),
    path("claim/", filing.claim, name="filing-claim"),
    path("give-back/", filing.give_back, name="filing-give-back"),
    path("record/", filing.record, name="filing-record"),
]

merchant_pages = [
    path("", merchant.progress, name="progress"),
    path("cases/<str:code>/", merchant.case, name="m-case"),
    path("cases/<str:code>/say/", merchant.say, name="m-say"),
    path("cases/<str:code>/declare/", merchant.declare, name="m-declare"),
    path("cases/<str:code>/consent/", merchant.consent, name="m-consent"),
    path("todo/", merchant.todo, name="m-todo"),
    path("requests/<str:code>/", merchant.upload, name="m-request"),
    path("requests/<str:code>/none/", merchant.answer_none, name="m-request-none"),
    path("holds/<str:code>/", merchant.hold, name="m-hold"),
    path("shops/", merchant.shops, name="m-shops"),
    path("messages/", merchant.messages_page, name="m-messages"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("today/", home.today, name="today"),
    path("search/", home.search, name="search"),
    path("notifications/", home.notifications, name="notifications"),
    path("notifications/read/", home.notifications_read, name="notifications-read"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<str:code>/", jobs.job, name="job"),
    path("jobs/<str:code>/retry/", jobs.retry, name="job-retry"),
    path("jobs/<str:code>/give-up/", jobs.give_up, name="job-give-up"),
    path("jobs/<str:code>/file/", jobs.file, name="job-file"),
    path("status/", jobs.status, name="status"),
    path("violations/new/", notices.new, name="violation-new"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/<str:code>/", cases.case, name="case"),
    path("cases/<str:code>/", include(case_steps)),
    path("filings/<str:code>/", filing.page, name="filing"),
    path("filings/<str:code>/", include(filing_steps)),
    path("m/", include(merchant_pages)),
]
