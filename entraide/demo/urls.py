from django.urls import path

from entraide.demo import views

urlpatterns = [
    path("inbox/", views.inbox, name="demo_inbox"),
    path("inbox/<int:number>/", views.mail, name="demo_mail"),
]
