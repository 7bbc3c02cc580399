package bookinfo

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
)

//go:embed static pages.html
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"stars": starLine}).
	ParseFS(files, "pages.html"))

type product struct {
	ID              int           `json:"id"`
	Title           string        `json:"title"`
	DescriptionHTML template.HTML `json:"descriptionHtml"`
}

var products = []product{{0, "The Comedy of Errors",
	`<a href="https://en.wikipedia.org/wiki/The_Comedy_of_Errors">Wikipedia Summary</a>: The Comedy of Errors is one of ` +
		`<b>William Shakespeare's</b> early plays. It is his shortest and one of his most farcical comedies, with a major ` +
		`part of the humour coming from slapstick and mistaken identity, in addition to puns and word play.`}}

// productpage serves an index with the page's title up to version 1.19, without it since 1.20.
func productpage(client *http.Client, titledIndex bool) http.Handler {
	mux := http.NewServeMux()
	page := func(name string, data func(*http.Request) any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_ = pages.ExecuteTemplate(w, name, data(r))
		}
	}
	index := page("index", func(*http.Request) any { return titledIndex })
	mux.HandleFunc("GET /{$}", index)
	mux.HandleFunc("GET /index.html", index)
	mux.HandleFunc("GET /productpage", page("productpage", func(r *http.Request) any {
		user := userOf(r)
		if user != "" {
			r.Header.Set("End-User", user)
		}
		view := struct {
			User    string
			Product product
			Details book
			Reviews reviewed
			Errors  struct{ Details, Reviews string }
		}{User: user, Product: products[0]}
		view.Errors.Details = fetch(client, "details", "details", "0", 1, r, &view.Details).Error
		view.Errors.Reviews = fetch(client, "reviews", "reviews", "0", 2, r, &view.Reviews).Error
		return view
	}))
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "Product page is healthy")
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{
			Name: "session", Value: url.QueryEscape(r.FormValue("username")), Path: "/", HttpOnly: true,
		})
		back(w, r)
	})
	mux.HandleFunc("GET /logout", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Path: "/", MaxAge: -1})
		back(w, r)
	})
	mux.Handle("GET /static/", http.FileServerFS(files))
	mux.HandleFunc("GET /api/v1/products", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, products)
	})
	api(mux, client, "GET /api/v1/products/{id}", "details", "details", 1)
	api(mux, client, "GET /api/v1/products/{id}/reviews", "reviews", "reviews", 2)
	api(mux, client, "GET /api/v1/products/{id}/ratings", "ratings", "ratings", 1)
	return mux
}

func api(mux *http.ServeMux, client *http.Client, pattern, service, path string, tries int) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		var answer json.RawMessage
		if problem := fetch(client, service, path, r.PathValue("id"), tries, r, &answer); problem.Error != "" {
			writeJSON(w, problem.status, failure{problem.Error})
			return
		}
		writeJSON(w, http.StatusOK, answer)
	})
}

type problem struct {
	Error  string
	status int
}

// fetch gets JSON from another service, with productpage's number of attempts.
func fetch(
	client *http.Client, service, path, id string, tries int, served *http.Request, into any,
) problem {
	status := http.StatusInternalServerError
	for range tries {
		response, err := get(client, "http://"+service+":"+strconv.Itoa(port)+"/"+path+"/"+url.PathEscape(id), served)
		if err != nil {
			continue
		}
		defer response.Body.Close()
		if status = response.StatusCode; status == http.StatusOK && json.NewDecoder(response.Body).Decode(into) == nil {
			return problem{}
		}
	}
	return problem{fmt.Sprintf("Sorry, product %s are currently unavailable for this book.", service), status}
}

func userOf(r *http.Request) string {
	cookie, err := r.Cookie("session")
	if err != nil {
		return ""
	}
	user, _ := url.QueryUnescape(cookie.Value)
	return user
}

func back(w http.ResponseWriter, r *http.Request) {
	target := r.Referer()
	if target == "" {
		target = "/productpage"
	}
	http.Redirect(w, r, target, http.StatusFound)
}
